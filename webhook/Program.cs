using Stevedore.Webhook.Commands;

// serve: Serving/Server.cs lists what the webhook is made of. inject: the same mutation on files, Preview/Previewer.cs. validate: a policy file.
return await WebhookCommandLine.RunAsync(args, Terminal.Process, CancellationToken.None);
