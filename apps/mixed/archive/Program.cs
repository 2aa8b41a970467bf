using System;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

/// <summary>Looks whether the seals of old orders still hold.</summary>
public static class Program
{
    private static readonly (string Order, string Seal)[] Kept =
    {
        ("order-42", "3bf8b157c4238eefe5ae4a66eca81c6b887d4dcedb58dd674271859f4dc2edfd"),
    };

    public static void Main(string[] args) =>
        WebHost.CreateDefaultBuilder(args)
            .Configure(app => app.Run(context => context.Response.WriteAsync(Report())))
            .Build()
            .Run();

    private static string Report()
    {
        var holding = Kept.Count(kept => Seal(kept.Order) == kept.Seal);
        return $"{Kept.Length} order, {holding} seal holds\n";
    }

    private static string Seal(string order)
    {
        using (var sha = SHA256.Create())
        {
            return BitConverter.ToString(sha.ComputeHash(Encoding.UTF8.GetBytes(order))).Replace("-", "").ToLowerInvariant();
        }
    }
}
