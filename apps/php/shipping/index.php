<?php
// Says what it costs to send a parcel: GET /home/750 or /abroad/2300. PHP of 2024: enum, readonly, property hooks.

declare(strict_types=1);

enum Zone: string
{
    case Home = 'home';
    case Abroad = 'abroad';

    public function centsPerKilo(): int
    {
        return match ($this) {
            Zone::Home => 200,
            Zone::Abroad => 900,
        };
    }
}

final class Parcel
{
    public int $kilos {
        get => intdiv($this->grams + 999, 1000);
    }

    public int $cents {
        get => 300 + $this->kilos * $this->zone->centsPerKilo();
    }

    public function __construct(public readonly Zone $zone, public readonly int $grams)
    {
    }
}

$words = explode('/', trim($_SERVER['REQUEST_URI'], '/'));
$zone = Zone::tryFrom($words[0]);
header('Content-Type: application/json');
if ($zone && ctype_digit($words[1] ?? '')) {
    $parcel = new Parcel($zone, grams: (int) $words[1]);
    echo json_encode(['zone' => $parcel->zone, 'kilos' => $parcel->kilos, 'cents' => $parcel->cents]), "\n";
} else {
    http_response_code(404);
    echo json_encode(['usage' => 'GET /home/GRAMS or /abroad/GRAMS']), "\n";
}
