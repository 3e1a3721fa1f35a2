using Stevedore.Chaos;

return await ChaosCommandLine.RunAsync(args);
