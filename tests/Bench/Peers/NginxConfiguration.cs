namespace Stevedore.Bench.Peers;

/// <summary>What nginx is told: Debian's defaults, and what a server of large files sets.</summary>
/// <param name="Folder">For its process id, its errors and its temporary files.</param>
/// <param name="Sets">The folder of sets' folders.</param>
/// <param name="Listing">The file that answers ListObjectsV2.</param>
/// <param name="Http">Port.</param>
/// <param name="Https">Port.</param>
/// <param name="S3">Port.</param>
/// <param name="Certificate">PEM file.</param>
/// <param name="Key">PEM file.</param>
internal sealed record NginxConfiguration(string Folder, string Sets, string Listing, int Http, int Https, int S3, string Certificate, string Key)
{
    /// <summary>The path of a set's folder as machines list it.</summary>
    public const string AsJson = "json";

    /// <summary>The same as people see it, which is what rclone reads.</summary>
    public const string AsPage = "page";

    /// <summary>The one bucket.</summary>
    public const string Bucket = "bench";

    /// <inheritdoc/>
    public override string ToString() =>
        $$"""
        daemon off;
        user {{Environment.UserName}};
        worker_processes auto;
        pid {{Folder}}/nginx.pid;
        events { worker_connections 4096; }
        http {
          access_log off;
          sendfile on;
          tcp_nopush on;
          keepalive_requests 1000000;
          types { }
          default_type application/octet-stream;
          client_body_temp_path {{Folder}}/body;
          proxy_temp_path {{Folder}}/proxy;
          fastcgi_temp_path {{Folder}}/fastcgi;
          uwsgi_temp_path {{Folder}}/uwsgi;
          scgi_temp_path {{Folder}}/scgi;
          server {
            listen 127.0.0.1:{{Http}};
            listen 127.0.0.1:{{Https}} ssl;
            ssl_certificate {{Certificate}};
            ssl_certificate_key {{Key}};
            ssl_protocols TLSv1.2 TLSv1.3;
            ssl_session_cache shared:bench:10m;
            location /{{AsJson}}/ { alias {{Sets}}/; autoindex on; autoindex_format json; }
            location /{{AsPage}}/ { alias {{Sets}}/; autoindex on; }
          }
          server {
            listen 127.0.0.1:{{S3}};
            location = /{{Bucket}} { alias {{Listing}}; default_type application/xml; }
            location = /{{Bucket}}/ { rewrite ^ /{{Bucket}} last; }
            location /{{Bucket}}/ { alias {{Sets}}/; }
          }
        }
        """;
}
