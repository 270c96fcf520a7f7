"""What recovery points a policy makes and keeps, and what an incident would cost: simulated, run by run."""
