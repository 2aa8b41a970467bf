using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

/// <summary>
/// A thin HTTP face on bare Kestrel. Nothing here is missing on .NET Core 3.1, so that the app, rolled forward, starts
/// without a word and then answers with another total.
/// </summary>
public static class Program
{
    public static void Main()
    {
        new WebHostBuilder().UseKestrel().Configure(Routes).Build().Run();
    }

    private static void Routes(IApplicationBuilder app)
    {
        var invoice = new Invoice();
        app.Map("/total", total => total.Run(context =>
        {
            context.Response.ContentType = "application/json";
            var archived = invoice.MatchesArchive ? "match" : "mismatch";
            return context.Response.WriteAsync($"{{\"total\": \"{invoice.Total}\", \"archived\": \"{archived}\"}}\n");
        }));
        app.Run(context => context.Response.WriteAsync($"{invoice.Text}sha256 {invoice.Digest}\n"));
    }
}
