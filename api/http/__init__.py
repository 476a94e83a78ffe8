"""The HTTP interface: routes translate, guards keep strangers out, errors become problem documents."""
