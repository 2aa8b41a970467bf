<?php
// The service desk of a shop, written for PHP 7: the card reader posts a number, the answer says what its owner may do.
// Levels came with the data of an older shop: 0 for helpers, 1 to 3 for staff, and `none` where nobody had filled it in.

function owner($card)
{
    foreach (file(__DIR__ . '/cards.csv', FILE_IGNORE_NEW_LINES) as $line) {
        list($number, $name, $level) = explode(',', $line);
        if ($number === $card) {
            return ['name' => $name, 'level' => $level];
        }
    }
    return null;
}

function rights($level)
{
    if ($level == 0) {
        return ['orders'];
    }
    return ['orders', 'refunds', 'prices'];
}

$owner = owner(isset($_GET['card']) ? $_GET['card'] : '');
header('Content-Type: application/json');
if ($owner) {
    echo json_encode(['name' => $owner['name'], 'may' => rights($owner['level'])]), "\n";
} else {
    http_response_code(403);
    echo json_encode(['usage' => 'POST /login?card=NUMBER']), "\n";
}
