"""The doctor: what is read about terminal, machine and house, and pure checks that say what is wrong and what to do."""
