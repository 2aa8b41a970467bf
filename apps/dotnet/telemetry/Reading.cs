using System.Collections.Generic;
using System.Threading.Tasks;

/// <summary>A sensor says how warm it is; what counts as hot has a default, which a sensor may override.</summary>
public interface ISensor
{
    string Name { get; }

    double Celsius(int second);

    /// <summary>A default interface method: C# 8, and a runtime that knows them (3.0 and newer).</summary>
    bool IsHot(int second) => Celsius(second) > 40;
}

public sealed class Oven : ISensor
{
    public string Name => "oven";

    public double Celsius(int second) => 20 + 15 * second;
}

public sealed class Reading
{
    public string Sensor { get; set; } = "";

    public double Celsius { get; set; }

    public bool Hot { get; set; }

    /// <summary>Readings one by one, as they come: an async stream, C# 8.</summary>
    public static async IAsyncEnumerable<Reading> Stream(ISensor sensor, int seconds)
    {
        for (var second = 0; second < seconds; second++)
        {
            await Task.Yield();
            yield return new Reading { Sensor = sensor.Name, Celsius = sensor.Celsius(second), Hot = sensor.IsHot(second) };
        }
    }
}
