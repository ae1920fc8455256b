"""What a team accepts: read from where it is written, matched with findings, written down for a beginning."""
