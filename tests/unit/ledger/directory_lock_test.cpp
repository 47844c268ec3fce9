#include "child.hpp"
#include "scratch.hpp"

#include <boost/test/unit_test.hpp>
#include <ledger/directory_lock.hpp>
#include <memory>
#include <optional>
#include <unistd.h>
#include <utility>

using namespace kusto;
using namespace kusto::test;
using ledger::directory_lock;

BOOST_AUTO_TEST_SUITE(directory_lock_test)

BOOST_AUTO_TEST_CASE(makes_the_directory_and_those_above_it)
{
    scratch const here;
    auto const path = here.path / "a" / "b" / "";
    auto const held = directory_lock::take(path);
    BOOST_REQUIRE(held.has_value());
    BOOST_TEST(content(path / "lock") == std::to_string(::getpid()) + "\n");
}

BOOST_AUTO_TEST_CASE(excludes_another_lock_of_the_process_and_names_its_pid)
{
    scratch const here;
    auto const held = directory_lock::take(here.path);
    BOOST_REQUIRE(held.has_value());
    auto const second = directory_lock::take(here.path);
    BOOST_REQUIRE(second.has_error());
    auto const& why = second.error();
    BOOST_TEST((why.code() == errc::ledger_in_use));
    BOOST_TEST((why.where() == stage::ledger));
    BOOST_TEST(!why.retryable());
    BOOST_TEST(has(why.message(), "process " + std::to_string(::getpid()) + ";"));
    BOOST_TEST(has(why.message(), here.path.string()));
}

BOOST_AUTO_TEST_CASE(a_pid_that_is_not_one_is_not_repeated)
{
    scratch const here;
    auto const held = directory_lock::take(here.path);
    overwrite(here.path / "lock", "\n<garbage>");
    auto const second = directory_lock::take(here.path);
    BOOST_REQUIRE(second.has_error());
    BOOST_TEST(has(second.error().message(), "another process"));
    BOOST_TEST(!has(second.error().message(), "garbage"));
}

BOOST_AUTO_TEST_CASE(destruction_frees_and_so_does_assignment)
{
    scratch const here;
    scratch const there;
    {
        auto const held = directory_lock::take(here.path);
        BOOST_REQUIRE(held.has_value());
    }
    auto held = directory_lock::take(here.path);
    BOOST_REQUIRE(held.has_value());
    auto other = directory_lock::take(there.path);
    BOOST_REQUIRE(other.has_value());
    auto const moved = std::move(*other);
    BOOST_TEST(directory_lock::take(there.path).has_error());
    auto again = directory_lock::take(here.path / "x");
    BOOST_REQUIRE(again.has_value());
    *held = std::move(*again);
    BOOST_TEST(directory_lock::take(here.path).has_value());
    BOOST_TEST(directory_lock::take(here.path / "x").has_error());
}

BOOST_AUTO_TEST_CASE(c11_a_process_that_is_killed_leaves_no_lock)
{
    scratch const here;
    std::optional<result<directory_lock>> held_by_child;
    auto const hold = [&]
    { return held_by_child.emplace(directory_lock::take(here.path)).has_value(); };
    child owner(hold, child::afterwards::stays);
    BOOST_REQUIRE(owner.good());
    auto const refused = directory_lock::take(here.path);
    BOOST_REQUIRE(refused.has_error());
    BOOST_TEST((refused.error().code() == errc::ledger_in_use));
    BOOST_TEST(has(refused.error().message(), "process " + std::to_string(owner.pid()) + ";"));
    owner.kill();
    auto const held = directory_lock::take(here.path);
    BOOST_REQUIRE(held.has_value());
    BOOST_TEST(content(here.path / "lock") == std::to_string(::getpid()) + "\n");
}

BOOST_AUTO_TEST_CASE(a_forked_child_neither_frees_the_lock_nor_keeps_it)
{
    scratch const here;
    auto held = std::make_unique<result<directory_lock>>(directory_lock::take(here.path));
    BOOST_REQUIRE(held->has_value());
    child const heir(
        [&]
        {
            held.reset();
            return directory_lock::take(here.path).has_error();
        },
        child::afterwards::ends);
    BOOST_TEST(heir.good());
    BOOST_TEST(directory_lock::take(here.path).has_error());
    child const holder([&] { return true; }, child::afterwards::stays);
    held.reset();
    BOOST_TEST(directory_lock::take(here.path).has_value());
}

BOOST_AUTO_TEST_CASE(refusals_of_the_file_system_name_the_directory)
{
    scratch const here;
    overwrite(here.path / "file", "x");
    for (auto const& path : {here.path / "file", here.path / "file" / "below",
                             std::filesystem::path("/proc/kusto-sink")})
    {
        auto const taken = directory_lock::take(path);
        BOOST_REQUIRE(taken.has_error());
        BOOST_TEST((taken.error().code() == errc::disk_failed), taken.error().describe());
        BOOST_TEST((taken.error().where() == stage::ledger));
        BOOST_TEST(!taken.error().retryable());
        BOOST_TEST(has(taken.error().message(), path.string()), taken.error().message());
    }
}

BOOST_AUTO_TEST_SUITE_END()
