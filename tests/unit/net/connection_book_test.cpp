#include <core/connection_book.hpp>

#include <boost/test/unit_test.hpp>

using kusto::core::connection_book;
using kusto::core::connection_limits;
using std::chrono::seconds;

namespace
{

using ids = std::vector<connection_book::id>;

connection_book::time_point at(int second)
{
    return connection_book::time_point(seconds(1000 + second));
}

connection_book make_book(std::size_t per_host = 3)
{
    return connection_book(connection_limits(per_host, seconds(30), seconds(600)));
}

} // namespace

BOOST_AUTO_TEST_SUITE(connection_book_suite)

BOOST_AUTO_TEST_CASE(takes_the_newest_first_and_per_host)
{
    auto book = make_book();
    book.give("a", 1, at(0), std::nullopt, at(0));
    book.give("b", 2, at(0), std::nullopt, at(0));
    book.give("a", 3, at(0), std::nullopt, at(1));
    BOOST_TEST(book.size() == 3u);
    BOOST_TEST(book.take("a", at(2)).value() == 3u);
    BOOST_TEST(book.take("a", at(2)).value() == 1u);
    BOOST_TEST(!book.take("a", at(2)).has_value());
    BOOST_TEST(!book.take("unknown", at(2)).has_value());
    BOOST_TEST(book.take("b", at(2)).value() == 2u);
    BOOST_TEST(book.size() == 0u);
    BOOST_TEST(book.dropped().empty());
}

BOOST_AUTO_TEST_CASE(drops_the_oldest_beyond_the_limit_of_a_host)
{
    auto book = make_book(2);
    for (connection_book::id each = 1; each <= 4; ++each)
        book.give("a", each, at(0), std::nullopt, at(static_cast<int>(each)));
    book.give("b", 9, at(0), std::nullopt, at(5));
    BOOST_TEST(book.dropped() == ids({1, 2}), boost::test_tools::per_element());
    BOOST_TEST(book.dropped().empty());
    BOOST_TEST(book.take("a", at(5)).value() == 4u);
    BOOST_TEST(book.take("a", at(5)).value() == 3u);
}

BOOST_AUTO_TEST_CASE(keeps_nothing_when_the_limit_is_zero)
{
    auto book = make_book(0);
    book.give("a", 1, at(0), std::nullopt, at(0));
    BOOST_TEST(book.dropped() == ids({1}), boost::test_tools::per_element());
    BOOST_TEST(book.size() == 0u);
}

BOOST_AUTO_TEST_CASE(expires_by_idle_time_age_and_hint)
{
    struct row
    {
        char const* what;
        int opened;
        int given;
        int hint; // 0: none
        int last_usable;
    };
    row const table[] = {
        {"idle timeout", 0, 0, 0, 29},           {"age", -590, 0, 0, 9},
        {"hint less one", 0, 0, 5, 3},           {"hint beyond the idle timeout", 0, 0, 120, 29},
        {"idle from being given", 0, 50, 0, 79},
    };
    for (auto const& each : table)
    {
        BOOST_TEST_CONTEXT(each.what)
        {
            auto const hint = each.hint != 0 ? std::optional<seconds>(each.hint) : std::nullopt;
            auto early = make_book();
            early.give("a", 7, at(each.opened), hint, at(each.given));
            BOOST_TEST(early.take("a", at(each.last_usable)).has_value());
            auto late = make_book();
            late.give("a", 7, at(each.opened), hint, at(each.given));
            BOOST_TEST(!late.take("a", at(each.last_usable + 1)).has_value());
            BOOST_TEST(late.dropped() == ids({7}), boost::test_tools::per_element());
        }
    }
}

BOOST_AUTO_TEST_CASE(drops_at_once_what_is_too_old_or_hinted_away)
{
    auto book = make_book();
    book.give("a", 1, at(-600), std::nullopt, at(0));
    book.give("a", 2, at(0), seconds(1), at(0));
    book.give("a", 3, at(0), seconds(0), at(0));
    BOOST_TEST(book.size() == 0u);
    BOOST_TEST(book.dropped() == ids({1, 2, 3}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_expired_newer_one_does_not_hide_a_usable_older_one)
{
    auto book = make_book();
    book.give("a", 1, at(0), std::nullopt, at(0));
    book.give("a", 2, at(0), seconds(3), at(1));
    BOOST_TEST(book.take("a", at(10)).value() == 1u);
    BOOST_TEST(book.dropped() == ids({2}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(expires_other_hosts_too_and_clears)
{
    auto book = make_book();
    book.give("a", 1, at(0), std::nullopt, at(0));
    book.give("b", 2, at(0), std::nullopt, at(20));
    book.expire(at(31));
    BOOST_TEST(book.dropped() == ids({1}), boost::test_tools::per_element());
    book.clear();
    BOOST_TEST(book.dropped() == ids({2}), boost::test_tools::per_element());
    BOOST_TEST(book.size() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
