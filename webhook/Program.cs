using Stevedore.Webhook.Commands;

// serve: Serving/Server.cs lists what the webhook is made of. inject: the same mutation on files, Preview/Preview.cs.
return await WebhookCommandLine.RunAsync(args, Terminal.Process, CancellationToken.None);
