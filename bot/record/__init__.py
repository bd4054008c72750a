"""What a clinic's systems can read: the intake, the plan and visits as FHIR R4."""
