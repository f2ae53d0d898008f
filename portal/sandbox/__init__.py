"""A small video platform in the portal's own database: something to protect while trying the portal out."""
