using System;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

/// <summary>Seals orders. Hashing is what makes .NET look for an OpenSSL on the system.</summary>
public static class Program
{
    public static void Main(string[] args) =>
        Host.CreateDefaultBuilder(args).ConfigureWebHostDefaults(web => web.Configure(Routes)).Build().Run();

    private static void Routes(IApplicationBuilder app) =>
        app.UseRouting().UseEndpoints(endpoints => endpoints.MapGet("/seal/{order}", async context =>
        {
            var order = (string)context.Request.RouteValues["order"]!;
            await context.Response.WriteAsync(JsonSerializer.Serialize(new { order, seal = Seal(order) }));
        }));

    private static string Seal(string order)
    {
        using var sha = SHA256.Create();
        return BitConverter.ToString(sha.ComputeHash(Encoding.UTF8.GetBytes(order))).Replace("-", "").ToLowerInvariant();
    }
}
