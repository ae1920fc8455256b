"""What was seen before, and whether it would be seen again: results under the digest of what produced them."""
