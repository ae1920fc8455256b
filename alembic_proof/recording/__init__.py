"""What an application's own tests sent to its database: how it is seen, brought into one form, kept in a file and read back."""
