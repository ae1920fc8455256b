"""What is tried: each experiment fills one part of the evidence and judges nothing."""
