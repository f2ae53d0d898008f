"""Proof of a certificate that others can verify: the signed credential, its status lists, the badge and the printed page.

Nothing here changes a row. What is shown follows from the certificate's row and the clock at the moment of the request.
"""
