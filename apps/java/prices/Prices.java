import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import javax.script.Bindings;
import javax.script.ScriptEngine;
import javax.script.ScriptEngineManager;
import javax.script.ScriptException;
import javax.xml.bind.JAXBContext;
import javax.xml.bind.JAXBException;
import javax.xml.bind.Marshaller;

/**
 * A price service of 2015: the rule is a line of JavaScript that sales people edit, the answer is XML.
 *
 * GET /price/paper/12 answers with the price of twelve packs of paper. Rule engine and XML both come with Java 8.
 */
public final class Prices {
    private static final String RULE = "quantity >= 10 ? quantity * 4.5 : quantity * 5";

    private final JAXBContext quotes = JAXBContext.newInstance(Quote.class);

    private Prices() throws JAXBException {
    }

    public static void main(String[] arguments) throws IOException, JAXBException {
        Prices prices = new Prices();
        HttpServer server = HttpServer.create(new InetSocketAddress(Integer.parseInt(System.getenv("PORT"))), 0);
        server.createContext("/price/", prices::answer);
        server.start();
    }

    private void answer(HttpExchange exchange) throws IOException {
        String[] words = exchange.getRequestURI().getPath().split("/");
        try {
            Quote quote = new Quote(words[2], Integer.parseInt(words[3]));
            quote.total = total(quote.quantity);
            send(exchange, 200, xml(quote));
        } catch (ArrayIndexOutOfBoundsException | NumberFormatException wrong) {
            send(exchange, 404, "GET /price/ARTICLE/QUANTITY\n".getBytes("UTF-8"));
        } catch (JAXBException | ScriptException broken) {
            broken.printStackTrace();
            send(exchange, 500, "no price\n".getBytes("UTF-8"));
        }
    }

    /** An engine is not made for several threads, so every request has its own. */
    private static double total(int quantity) throws ScriptException {
        ScriptEngine nashorn = new ScriptEngineManager().getEngineByName("nashorn");
        Bindings known = nashorn.createBindings();
        known.put("quantity", quantity);
        return ((Number) nashorn.eval(RULE, known)).doubleValue();
    }

    private byte[] xml(Quote quote) throws JAXBException {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        Marshaller marshaller = quotes.createMarshaller();
        marshaller.setProperty(Marshaller.JAXB_FRAGMENT, true);
        marshaller.marshal(quote, text);
        return text.toByteArray();
    }

    private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }
}
