using System.CommandLine;
using Stevedore.HubFixture.Commands;

var root = new RootCommand("A Hugging Face Hub on loopback, for tests, demos and benchmarks.") { ServeCommand.Create(), ModelCommand.Create() };
return await root.Parse(args).InvokeAsync();
