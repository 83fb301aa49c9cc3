"""An ERP, a CRM, a WMS and a carrier as four HTTP servers over one data set, for demonstrations and tests of the gateway."""
