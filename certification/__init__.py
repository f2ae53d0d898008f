"""Certification in key areas: applications, checks, decisions, certificates, the public register."""
