"""What a new site starts with: areas, documents, requirements, reasons, calendars.

Plain tables, loaded once by `manage.py load_reference`, then edited in the admin; loading again adds what is missing and changes nothing.

Addresses and forms of numbers that rest on no official source say so in their row.
"""
