"""Salesforce, a CRM: what it knows of customers, and the notes left there."""

from sources.manifest import Manifest, Proof
from sources.salesforce.crm import SalesforceCrm

MANIFEST = Manifest(
    name="salesforce",
    title="Salesforce",
    roles={"crm": SalesforceCrm},
    offers={"crm": frozenset({"relationships", "add_note"})},
    proofs=(Proof.FIXTURES,),
)
