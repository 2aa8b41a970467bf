"""A campaign: what is added to every link it sends out."""


def parameters(customer):
    return [("utm_campaign", "spring"), ("utm_content", "customer {}".format(customer))]
