#pragma once

#include <boost/test/unit_test.hpp>
#include <kusto/record.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace text_test
{

/// The line that a record becomes, without the final line break.
template <class R>
std::string encoded(R const& record)
{
    kusto::record_buffer out;
    (void)kusto::encode_record(record, out);
    auto text = std::string(out.view());
    BOOST_REQUIRE(!text.empty());
    BOOST_REQUIRE_EQUAL(text.back(), '\n');
    text.pop_back();
    return text;
}

/// The text of one field, standing behind another one so that an empty field stays empty.
template <class T>
std::string field_text(T const& field)
{
    auto const line = encoded(std::tuple<int, T const&>(0, field));
    BOOST_REQUIRE_EQUAL(line.substr(0, 2), "0,");
    return line.substr(2);
}

/// The failure that encoding ends with; checks that nothing of the record stays in the buffer.
template <class R>
kusto::failure refusal(R const& record)
{
    kusto::record_buffer out;
    out.append("kept\n");
    try
    {
        (void)kusto::encode_record(record, out);
    }
    catch (kusto::error const& e)
    {
        BOOST_TEST(out.view() == "kept\n");
        BOOST_TEST((e.why().where() == kusto::stage::encode));
        return e.why();
    }
    BOOST_FAIL("the record was accepted: " << out.view());
    throw std::logic_error("unreachable");
}

inline bool mentions(kusto::failure const& why, std::string_view text)
{
    bool const found = why.message().find(text) != std::string::npos;
    if (!found)
        BOOST_TEST_MESSAGE("message: " << why.message());
    return found;
}

/// A decoder for RFC 4180 that shares nothing with the library: records of fields.
inline std::vector<std::vector<std::string>> decode_csv(std::string_view text)
{
    std::vector<std::vector<std::string>> records;
    std::size_t i = 0;
    while (i < text.size())
    {
        std::vector<std::string> fields;
        for (bool more = true; more;)
        {
            std::string field;
            if (text.at(i) == '"')
            {
                for (++i;; ++i)
                {
                    if (text.at(i) != '"')
                        field += text.at(i);
                    else if (i + 1 < text.size() && text[i + 1] == '"')
                        field += text[i++];
                    else
                        break;
                }
                ++i;
            }
            else
                while (text.at(i) != ',' && text.at(i) != '\n')
                {
                    if (text[i] == '"' || text[i] == '\r')
                        throw std::runtime_error("bare quote or CR");
                    field += text[i++];
                }
            if (text.at(i) != ',' && text.at(i) != '\n')
                throw std::runtime_error("text behind a closing quote");
            more = text[i++] == ',';
            fields.push_back(field);
        }
        records.push_back(fields);
    }
    return records;
}

} // namespace text_test
