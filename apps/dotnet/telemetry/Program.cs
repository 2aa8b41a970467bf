using System.Text.Json;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

/// <summary>Streams readings as JSON lines, and `done` when there are no more. It has no way back to .NET Core 2.2.</summary>
public static class Program
{
    public static void Main(string[] args) =>
        Host.CreateDefaultBuilder(args).ConfigureWebHostDefaults(web => web.Configure(Routes)).Build().Run();

    private static void Routes(IApplicationBuilder app) =>
        app.UseRouting().UseEndpoints(endpoints => endpoints.MapGet("/stream", Stream));

    private static async Task Stream(HttpContext context)
    {
        await foreach (var reading in Reading.Stream(new Oven(), seconds: 3))
        {
            await context.Response.WriteAsync(JsonSerializer.Serialize(reading) + "\n");
        }

        await context.Response.WriteAsync("done\n");
    }
}
