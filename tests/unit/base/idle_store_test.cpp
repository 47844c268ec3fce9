#include <base/idle_store.hpp>
#include <boost/test/unit_test.hpp>
#include <memory>
#include <vector>

using kusto::base::idle_store;

namespace
{

using thing = std::shared_ptr<int>;

auto const any = [](thing const&, std::size_t) { return true; };

/// Things that tell when they are gone.
std::vector<thing> things(int count)
{
    std::vector<thing> out;
    for (int i = 0; i < count; ++i)
        out.push_back(std::make_shared<int>(i));
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(idle_store_suite)

BOOST_AUTO_TEST_CASE(the_latest_that_fits_is_taken)
{
    idle_store<thing> store(100, 10);
    BOOST_TEST(!store.take(any));
    for (auto const& one : things(4))
        store.give(one, static_cast<std::size_t>(10 + *one));
    BOOST_TEST(store.size() == 46u);
    auto const small = store.take([](thing const&, std::size_t size) { return size < 12; });
    BOOST_TEST_REQUIRE(small.has_value());
    BOOST_TEST(**small == 1);
    BOOST_TEST(**store.take(any) == 3);
    BOOST_TEST(**store.take([](thing const& one, std::size_t) { return *one == 0; }) == 0);
    BOOST_TEST(store.size() == 12u);
    BOOST_TEST(store.count() == 1u);
    BOOST_TEST(!store.take([](thing const&, std::size_t size) { return size == 10; }));
}

BOOST_AUTO_TEST_CASE(the_longest_idle_makes_room)
{
    auto all = things(5);
    std::vector<std::weak_ptr<int>> const seen(all.begin(), all.end());
    idle_store<thing> store(30, 3);
    for (std::size_t i = 0; i < 4; ++i)
        store.give(std::move(all[i]), i + 1);
    BOOST_TEST(seen[0].expired()); // by number
    BOOST_TEST(store.count() == 3u);
    BOOST_TEST(store.size() == 9u);
    store.give(std::move(all[4]), 25);
    BOOST_TEST(seen[2].expired()); // by size
    BOOST_TEST(!seen[3].expired());
    BOOST_TEST(store.size() == 29u);
    store.give(std::make_shared<int>(7), 31);
    BOOST_TEST(store.size() == 29u);
    store.give(std::make_shared<int>(8), 30);
    BOOST_TEST(store.count() == 1u);
}

BOOST_AUTO_TEST_CASE(a_store_for_nothing_keeps_nothing)
{
    idle_store<thing> none(10, 0);
    none.give(std::make_shared<int>(1), 1);
    BOOST_TEST(none.count() == 0u);
}

BOOST_AUTO_TEST_CASE(a_closed_store_lets_go_and_keeps_nothing)
{
    auto all = things(2);
    std::vector<std::weak_ptr<int>> const seen(all.begin(), all.end());
    idle_store<thing> store(30, 3);
    store.give(std::move(all[0]), 1);
    store.close();
    BOOST_TEST(seen[0].expired());
    BOOST_TEST(store.size() == 0u);
    store.give(std::move(all[1]), 1);
    BOOST_TEST(store.size() == 0u);
    BOOST_TEST(store.count() == 0u);
    BOOST_TEST(!store.take(any));
}

BOOST_AUTO_TEST_SUITE_END()
