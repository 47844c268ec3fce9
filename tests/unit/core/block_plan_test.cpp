#include <core/block_plan.hpp>

#include <boost/test/unit_test.hpp>

namespace
{

using kusto::errc;
using kusto::core::block_plan;

} // namespace

BOOST_AUTO_TEST_SUITE(block_plan_tests)

BOOST_AUTO_TEST_CASE(one_block_is_decided_at_the_end)
{
    block_plan plan;
    BOOST_TEST((plan.decide() == block_plan::kind::undecided));
    BOOST_TEST(plan.add(10).has_value());
    BOOST_TEST((plan.decide() == block_plan::kind::undecided));
    BOOST_TEST(plan.end().has_value());
    BOOST_TEST((plan.decide() == block_plan::kind::single));
    BOOST_TEST(plan.size() == 10u);
}

BOOST_AUTO_TEST_CASE(two_blocks_are_a_list_at_once)
{
    block_plan plan;
    BOOST_TEST(plan.add(10).has_value());
    BOOST_TEST(plan.add(7).has_value());
    BOOST_TEST((plan.decide() == block_plan::kind::list));
    BOOST_TEST(plan.blocks() == 2u);
    BOOST_TEST(plan.size() == 17u);
}

BOOST_AUTO_TEST_CASE(limits)
{
    block_plan plan;
    BOOST_TEST((plan.end().error().code() == errc::invalid_record));
    BOOST_TEST((plan.add(0).error().code() == errc::invalid_option));
    auto const large = plan.add(block_plan::max_block_size + 1);
    BOOST_TEST(large.error().message().find("reduce block_size") != std::string::npos);
    for (std::size_t i = 0; i < block_plan::max_blocks; ++i)
        BOOST_REQUIRE(plan.add(1).has_value());
    auto const many = plan.add(1);
    BOOST_REQUIRE(many.has_error());
    BOOST_TEST(many.error().message().find("50000") != std::string::npos);
    BOOST_TEST(many.error().message().find("increase block_size") != std::string::npos);
    BOOST_TEST(plan.blocks() == block_plan::max_blocks);
}

BOOST_AUTO_TEST_SUITE_END()
