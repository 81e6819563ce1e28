"""The mail server: mailbox, SMTP server, messages, misbehaviours, certificates."""
