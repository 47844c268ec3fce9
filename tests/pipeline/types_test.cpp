// Generated values of every type, encoded by the library, read by the cluster's own parsers, queried
// back: equal, value by value.
#include "local_cluster.hpp"

#include <boost/test/unit_test.hpp>
#include <charconv>
#include <cmath>
#include <cstring>
#include <initializer_list>
#include <iterator>
#include <kusto/row.hpp>
#include <kusto/sink.hpp>
#include <limits>
#include <random>
#include <string_view>
#include <vector>

namespace asio = boost::asio;
using kusto::test::local_cluster;

namespace
{

constexpr unsigned seed = 20261122;
constexpr std::int64_t records = 3000;

class generator
{
public:
    kusto::row make(std::int64_t id)
    {
        kusto::row made;
        made.add(id);
        for (int column = 0; column < 10; ++column)
            made.add(one_in(8) ? kusto::value(kusto::null) : value_of(column));
        return made;
    }

private:
    bool one_in(unsigned n) { return random_() % n == 0; }
    std::int64_t any_long() { return static_cast<std::int64_t>(random_()); }

    template <class T>
    T edge_or(std::initializer_list<T> edges, T other)
    {
        return one_in(4) ? *(edges.begin() + random_() % edges.size()) : other;
    }

    double any_real()
    {
        auto const bits = random_();
        double made = 0;
        static_assert(sizeof(made) == sizeof(bits));
        std::memcpy(&made, &bits, sizeof(made));
        return std::isfinite(made) ? made : 0.1;
    }

    std::string any_text()
    {
        static char const* const parts[] = {"a", "b ", ",", "\"", "\n", "\r\n", "'", "\\", "\t", "\xc3\xa4",
                                            "\xf0\x9f\x98\x80", "{", "}", "\x01", "null", "0"};
        std::string text;
        for (auto n = random_() % 12; n != 0; --n)
            text += parts[random_() % std::size(parts)];
        return text;
    }

    std::string any_decimal()
    {
        std::string text = one_in(2) ? "-" : "";
        text += std::to_string(1 + random_() % 9);
        for (auto n = random_() % 15; n != 0; --n)
            text += static_cast<char>('0' + random_() % 10);
        return one_in(2) ? text : text + "." + std::to_string(1 + random_() % 999) + "5";
    }

    kusto::value value_of(int column)
    {
        // 0001-01-01 .. 9999-12-31 in ticks of 100 ns.
        constexpr std::int64_t last_tick = 3155378975999999999;
        switch (column)
        {
        case 0:
            return one_in(2);
        case 1:
            return edge_or<std::int32_t>({0, -1, INT32_MAX, INT32_MIN + 1}, static_cast<std::int32_t>(random_()));
        case 2:
            return edge_or<std::int64_t>({0, -1, INT64_MAX, INT64_MIN + 1}, any_long());
        case 3:
            return edge_or<double>({0.0, 1.0, -0.5, 1e300, 5e-324, std::numeric_limits<double>::infinity(),
                                    -std::numeric_limits<double>::infinity()},
                                   any_real());
        case 4:
            return kusto::decimal::parse(any_decimal());
        case 5:
            return kusto::datetime::from_ticks(
                edge_or<std::int64_t>({0, last_tick}, any_long() & 0x7fffffffffffffff) % (last_tick + 1));
        case 6:
            return kusto::timespan::from_ticks(edge_or<std::int64_t>({0, 1, -1, 864000000000}, any_long() / 16));
        case 7:
            return kusto::guid::random();
        case 8:
            return any_text();
        default:
            return kusto::dynamic::parse(
                R"({"n":)" + std::to_string(random_() % 1000) + R"(,"t":"x\"y,z","list":[1,true,null]})");
        }
    }

    std::mt19937_64 random_{seed};
};

asio::awaitable<void> write_all(kusto::batching_sink& sink, std::vector<kusto::row> const& rows)
{
    for (auto const& row : rows)
        co_await sink.write(row);
}

/// What a table holds for a field that was written: a string column has no null.
kusto::value as_stored(kusto::value const& written, std::size_t column)
{
    bool const text_column = column == 9;
    return text_column && written.is_null() ? kusto::value(std::string()) : written;
}

/// The only column of the rows of a v1 answer, as JSON texts.
std::vector<std::string> single_column(std::string const& answer)
{
    std::string_view rest = answer;
    rest.remove_prefix(rest.find("\"Rows\":[") + 8);
    std::vector<std::string> texts;
    while (rest.starts_with("["))
    {
        auto const end = rest.find(']');
        texts.emplace_back(rest.substr(1, end - 1));
        rest.remove_prefix(end + (rest.size() > end + 1 && rest[end + 1] == ',' ? 2 : 1));
    }
    return texts;
}

/// Reals are compared by what the cluster holds: Boost.JSON 1.81, with which the client reads query
/// results, may be off by one unit in the last place.
bool same_real(kusto::value const& written, std::string const& stored)
{
    if (written.is_null())
        return stored == "null";
    auto const number = written.get<double>();
    if (std::isinf(number))
        return stored == (number > 0 ? "\"Infinity\"" : "\"-Infinity\"");
    double read = 0;
    auto const [end, ec] = std::from_chars(stored.data(), stored.data() + stored.size(), read);
    return ec == std::errc() && end == stored.data() + stored.size() && read == number;
}

constexpr std::size_t real_column = 4;

} // namespace

BOOST_AUTO_TEST_CASE(values_of_every_type_come_back_as_they_were_written)
{
    BOOST_TEST_MESSAGE("seed " << seed);
    local_cluster local;
    local.command(".create table Types (Id: long, B: bool, I: int, L: long, R: real, D: decimal, "
                  "T: datetime, S: timespan, G: guid, X: string, J: dynamic)");
    generator values;
    std::vector<kusto::row> rows;
    for (std::int64_t id = 0; id < records; ++id)
        rows.push_back(values.make(id));

    auto options = kusto::write_options("NetDefaultDB", "Types");
    options.parallelism(3).batch_size(500);
    kusto::batching_sink sink(local.service, options);
    local.run(write_all(sink, rows));
    BOOST_TEST(local.run(sink.close()).complete());
    BOOST_TEST(local.cluster.wait_until_idle());

    auto const found = local.run(local.service.query("", "Types | order by Id asc"));
    BOOST_REQUIRE_EQUAL(found.size(), rows.size());
    auto const reals =
        single_column(local.cluster.execute("NetDefaultDB", "Types | order by Id asc | project R"));
    BOOST_REQUIRE_EQUAL(reals.size(), rows.size());
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < rows.size(); ++i)
        for (std::size_t column = 0; column < rows[i].size(); ++column)
        {
            auto const expected = as_stored(rows[i][column], column);
            auto const& stored = found.row(i)[column];
            if (column == real_column ? same_real(expected, reals[i]) : stored == expected)
                continue;
            if (++wrong <= 10)
                BOOST_TEST_MESSAGE("row " << i << " column " << found.columns()[column].name << ": wrote '"
                                          << expected.to_text() << "', found '" << stored.to_text() << "'");
        }
    BOOST_TEST(wrong == 0u);
}
