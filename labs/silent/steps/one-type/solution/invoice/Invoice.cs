using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Security.Cryptography;
using System.Text;

/// <summary>An invoice as it was written in 2019: prices are decimals, and the cents come from ToString("F2").</summary>
public sealed class Invoice
{
    /// <summary>SHA-256 of this invoice's text, as it was archived on the day it was sent.</summary>
    private const string Archived = "84ce71e4ff0509454b741eafcdfe1c6c09f29eb4e5f64bdcd88ed243d9ed03e9";

    private static readonly KeyValuePair<string, decimal>[] Lines =
    {
        new KeyValuePair<string, decimal>("postage", 1.005m),
        new KeyValuePair<string, decimal>("paper", 2.675m),
        new KeyValuePair<string, decimal>("staple", 0.125m),
        new KeyValuePair<string, decimal>("binding", 10.045m),
    };

    public string Total =>
        Lines.Sum(line => decimal.Parse(Cents(line.Value), CultureInfo.InvariantCulture))
            .ToString(CultureInfo.InvariantCulture);

    public string Text =>
        string.Concat(Lines.Select(line => $"{line.Key,-10}{Cents(line.Value),8}\n")) + $"{"total",-10}{Total,8}\n";

    public string Digest
    {
        get
        {
            using (var sha = SHA256.Create())
            {
                var hash = sha.ComputeHash(Encoding.UTF8.GetBytes(Text));
                return BitConverter.ToString(hash).Replace("-", "").ToLowerInvariant();
            }
        }
    }

    /// <summary>A mismatch is reported, never thrown: bookkeeping goes on, and nobody notices.</summary>
    public bool MatchesArchive => Digest == Archived;

    private static string Cents(decimal price) => price.ToString("F2", CultureInfo.InvariantCulture);
}
