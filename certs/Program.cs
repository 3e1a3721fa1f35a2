using Stevedore.Certs.Commands;

return CertsCommandLine.Run(args, Console.Out, Console.Error, TimeProvider.System);
