#include <boost/test/unit_test.hpp>

#include <boost/describe.hpp>
#include <map>

#include "encoding.hpp"

using namespace text_test;

namespace
{

struct header
{
    std::int64_t id = 0;
};
BOOST_DESCRIBE_STRUCT(header, (), (id))

struct trade : header
{
    std::string symbol;
    double price = 0;
    std::optional<int> lots;
    std::vector<std::string> labels;
};
BOOST_DESCRIBE_STRUCT(trade, (header), (symbol, price, lots, labels))

class account
{
public:
    explicit account(std::string owner) : owner(std::move(owner)) {}
    std::string owner;

private:
    int secret_ = 42;
    BOOST_DESCRIBE_CLASS(account, (), (owner), (), (secret_))
};

struct plain
{
    int number;
    std::string text;
    std::optional<bool> flag;
    std::map<std::string, int> counts;
    std::chrono::system_clock::time_point when;
};

struct with_pointer
{
    int* pointer;
};

struct nothing
{
};

struct named_limits
{
    std::string first;
    std::uint64_t second = 0;
    char const* third = nullptr;
};
BOOST_DESCRIBE_STRUCT(named_limits, (), (first, second, third))

trade example()
{
    trade t;
    t.id = 7;
    t.symbol = "MS,FT";
    t.price = 412.5;
    t.labels = {"a", "b\""};
    return t;
}

} // namespace

BOOST_AUTO_TEST_SUITE(records)

BOOST_AUTO_TEST_CASE(what_is_a_record)
{
    using kusto::record;
    static_assert(record<trade> && record<trade const> && record<plain> && record<account>);
    static_assert(record<std::tuple<int, std::string>> && record<std::pair<int, int>>);
    static_assert(record<std::array<int, 3>> && record<kusto::row>);
    static_assert(record<kusto::csv_line> && record<kusto::json_line>);
    static_assert(record<kusto::json_object<trade>>);
    static_assert(!record<int> && !record<std::string> && !record<char const*>);
    static_assert(!record<with_pointer> && !record<nothing> && !record<std::tuple<>>);
    static_assert(!record<std::tuple<int, void*>> && !record<std::vector<int>>);
    static_assert(!record<kusto::value> && !record<kusto::datetime> && !record<trade&>);
}

BOOST_AUTO_TEST_CASE(described_struct_with_base)
{
    kusto::record_buffer out;
    BOOST_TEST((kusto::encode_record(example(), out) == kusto::data_format::csv));
    BOOST_TEST(out.view() == "7,\"MS,FT\",412.5,,\"[\"\"a\"\",\"\"b\\\"\"\"\"]\"\n");
}

BOOST_AUTO_TEST_CASE(only_public_members_are_written)
{
    BOOST_TEST(encoded(account("me")) == "me");
}

BOOST_AUTO_TEST_CASE(plain_aggregate_by_position)
{
    plain const p{1, "t", false, {{"k", 2}}, {}};
    BOOST_TEST(encoded(p) == "1,t,false,\"{\"\"k\"\":2}\",1970-01-01T00:00:00.0000000Z");
}

BOOST_AUTO_TEST_CASE(tuples_rows_and_arrays)
{
    BOOST_TEST(encoded(std::tuple(1, "a", 2.5)) == "1,a,2.5");
    BOOST_TEST(encoded(std::pair(true, std::string("x\ny"))) == "true,\"x\ny\"");
    BOOST_TEST(encoded(std::array<int, 3>{1, 2, 3}) == "1,2,3");
    std::string const text = "referred to";
    BOOST_TEST(encoded(std::tie(text, text)) == "referred to,referred to");
    BOOST_TEST(encoded(kusto::row(1, "a", kusto::null, 2.5)) == "1,a,,2.5");
    auto const why = refusal(kusto::row());
    BOOST_TEST((why.code() == kusto::errc::invalid_record));
    BOOST_TEST(mentions(why, "no values"));
}

BOOST_AUTO_TEST_CASE(json_object_tells_null_from_empty)
{
    auto t = example();
    t.symbol.clear();
    kusto::record_buffer out;
    BOOST_TEST((kusto::encode_record(kusto::as_json(t), out) == kusto::data_format::json));
    BOOST_TEST(out.view() ==
               R"({"id":7,"symbol":"","price":412.5,"lots":null,"labels":["a","b\""]})"
               "\n");
}

BOOST_AUTO_TEST_CASE(errors_name_the_field_and_leave_nothing_behind)
{
    named_limits r;
    r.first = "fine";
    r.second = UINT64_MAX;
    BOOST_TEST(mentions(refusal(r), "field \"second\" (number 2): 18446744073709551615"));
    BOOST_TEST(mentions(refusal(kusto::as_json(r)), "field \"second\" (number 2): "));
    r.second = 0;
    r.third = "\xff";
    BOOST_TEST(mentions(refusal(r), "field \"third\" (number 3): the text is not UTF-8"));
}

BOOST_AUTO_TEST_CASE(json_object_checks_the_size_of_values_not_of_escapes)
{
    auto t = example();
    t.symbol = std::string(kusto::max_value_bytes, '"');
    BOOST_TEST(encoded(kusto::as_json(t)).size() > 2 * kusto::max_value_bytes);
    t.symbol.clear();
    t.labels = {std::string(kusto::max_value_bytes, 'x')};
    BOOST_TEST(mentions(refusal(kusto::as_json(t)),
                        "field \"labels\" (number 5): the value has 1048580 bytes"));
}

BOOST_AUTO_TEST_CASE(records_are_appended)
{
    kusto::record_buffer out;
    (void)kusto::encode_record(std::tuple(1), out);
    (void)kusto::encode_record(kusto::csv_line("2\r\n"), out);
    (void)kusto::encode_record(std::tuple(""), out);
    BOOST_TEST(out.view() == "1\n2\n\"\"\n");
}

BOOST_AUTO_TEST_CASE(buffer_is_usable_after_it_was_moved_from)
{
    kusto::record_buffer a;
    a.append("abc");
    kusto::record_buffer b(std::move(a));
    a.append("de");
    BOOST_TEST(a.view() == "de");
    BOOST_TEST(b.view() == "abc");
    b = std::move(a);
    BOOST_TEST(b.view() == "de");
    b.append({});
    kusto::record_buffer().append(std::string_view());
}

BOOST_AUTO_TEST_SUITE_END()
