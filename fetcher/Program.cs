using Stevedore.Fetcher.Commands;

return (int)await new FetcherProgram(Console.Out, Console.Error, Environment.GetEnvironmentVariable).RunAsync(args);
