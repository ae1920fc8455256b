"""What a migration does to rows: seeded below it, taken up and down again, looked at after each step."""
