"""Tables of payments that belong to gateways (webhooks, bank files, saved cards) come with the gateways; none yet."""
