"""The API of certification: areas, applications, register, publishing gate."""
