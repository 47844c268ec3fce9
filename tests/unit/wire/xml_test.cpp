#include <boost/test/unit_test.hpp>
#include <wire/xml.hpp>

using kusto::wire::xml_escaped;
using kusto::wire::xml_text;

BOOST_AUTO_TEST_CASE(xml_finds_texts)
{
    struct row
    {
        char const* document;
        char const* text;
    };
    for (auto const& r :
         {row{"<Error><Code>A</Code></Error>", "A"},
          row{"\xEF\xBB\xBF<?xml?><Error>\n <Code>A</Code>", "A"},
          row{"<Codex>no</Codex><Code>yes</Code>", "yes"}, row{"<Code x='1'>A</Code>", "A"},
          row{"<Code/><Code>B</Code>", "B"}, row{"<Code />", ""}, row{"<Code>", ""}, row{"", ""},
          row{"<Code", ""},
          row{"<Code>&lt;a&gt; &amp;amp; &quot;&apos;&#65;&#x42;</Code>", "<a> &amp; \"'AB"},
          row{"<Code>&nope; &; & &#0; &#xD800;</Code>", "&nope; &; & &#0; &#xD800;"},
          row{"<Code>&#8364;</Code>", "\xe2\x82\xac"},
          row{"<Code><![CDATA[<x>&amp;]]></Code>", "<x>&amp;"}})
        BOOST_TEST(xml_text(r.document, "Code") == r.text, r.document);
}

BOOST_AUTO_TEST_CASE(xml_escapes)
{
    BOOST_TEST(xml_escaped("a<b>&\"") == "a&lt;b&gt;&amp;\"");
}
