import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.Executors;

/** Says what it costs to send a parcel. GET /letter/20 and GET /box/30/20/10; every request has a virtual thread. */
public final class Parcels {
    sealed interface Parcel permits Letter, Box {}

    record Letter(int grams) implements Parcel {}

    record Box(int length, int width, int height) implements Parcel {}

    public static void main(String[] arguments) throws IOException {
        var server = HttpServer.create(new InetSocketAddress(Integer.parseInt(System.getenv("PORT"))), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", Parcels::answer);
        server.start();
    }

    private static void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            var parcel = parse(exchange.getRequestURI().getPath().substring(1).split("/"));
            var body = (parcel == null ? "GET /letter/GRAMS or /box/LENGTH/WIDTH/HEIGHT\n" : """
                {"parcel": "%s", "cents": %d}
                """.formatted(parcel, cents(parcel))).getBytes();
            exchange.sendResponseHeaders(parcel == null ? 404 : 200, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private static Parcel parse(String[] words) {
        return switch (words.length) {
            case 2 -> new Letter(Integer.parseInt(words[1]));
            case 4 -> new Box(Integer.parseInt(words[1]), Integer.parseInt(words[2]), Integer.parseInt(words[3]));
            default -> null;
        };
    }

    /** The compiler knows every kind of parcel: none can be forgotten here. */
    private static int cents(Parcel parcel) {
        return switch (parcel) {
            case Letter(var grams) when grams <= 20 -> 95;
            case Letter(var grams) -> 180;
            case Box(var length, var width, var height) -> 400 + length * width * height / 50;
        };
    }
}
