"""What runs inside the processes of OpenStack: launchers, a hypervisor, a switch that binds every port.

Works with both releases; the services find it through PYTHONPATH, Neutron through the dist-info beside it.
"""
