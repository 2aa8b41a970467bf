import javax.xml.bind.annotation.XmlAttribute;
import javax.xml.bind.annotation.XmlRootElement;
import javax.xml.bind.annotation.XmlValue;

/** What a number of packs costs. JAXB makes the XML from the annotations. */
@XmlRootElement(name = "quote")
public final class Quote {
    @XmlAttribute
    public String article;

    @XmlAttribute
    public int quantity;

    @XmlValue
    public double total;

    /** JAXB wants one without arguments. */
    public Quote() {
    }

    public Quote(String article, int quantity) {
        this.article = article;
        this.quantity = quantity;
    }
}
