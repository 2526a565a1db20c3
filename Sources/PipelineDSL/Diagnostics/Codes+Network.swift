extension DiagnosticCode {
    public static let cannotListen = DiagnosticCode(
        710, "an address cannot be listened on",
        """
        An `http` source and `--listen` open a port on this machine, on the loopback address unless
        another one is given. It is refused where another process has the port, where it is below 1024
        and the user may not have such ports, or where the address is none of this machine.
        """)

    public static let networkCodes: [DiagnosticCode] = [cannotListen]
}
