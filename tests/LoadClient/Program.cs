using Stevedore.LoadClient;

return await LoadCommandLine.RunAsync(args, Console.Out, Console.Error, CancellationToken.None);
