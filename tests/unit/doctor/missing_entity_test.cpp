#include <boost/test/unit_test.hpp>
#include <doctor/missing_entity.hpp>

using namespace kusto;
using enum doctor::missing_entity;

BOOST_AUTO_TEST_SUITE(missing_entities)

BOOST_AUTO_TEST_CASE(by_code_then_by_words)
{
    struct
    {
        errc code;
        char const* service_code;
        char const* said;
        doctor::missing_entity what;
    } const rows[] = {
        {errc::not_found, "BadRequest_EntityNotFound", "Entity ID 'D' of kind 'Database' was ...",
         database},
        {errc::not_found, "BadRequest_EntityNotFound", "Entity ID 'T' of kind 'Table' was not ...",
         table},
        {errc::not_found, "BadRequest_EntityNotFound", "what?", unclear},
        {errc::not_found, "", "", unclear},
        {errc::not_found, "BadRequest_DatabaseNotFound", "'T' of kind 'Table'", database},
        {errc::query_failed, "BadRequest_DatabaseNotExist", "", database},
        {errc::query_failed, "BadRequest_TableNotExist", "", table},
        {errc::query_failed, "General_BadRequest", "of kind 'Table'", none},
        {errc::access_denied, "Forbidden", "", none},
    };
    for (auto const& row : rows)
    {
        auto const why = failure(row.code, stage::command, "x")
                             .service_code(row.service_code)
                             .server_text(row.said);
        BOOST_TEST((doctor::missing_of(why) == row.what), row.service_code << ": " << row.said);
        BOOST_TEST((doctor::as_not_found(why).code() == errc::not_found));
        BOOST_TEST(doctor::as_not_found(why).service_code() == row.service_code);
    }
}

BOOST_AUTO_TEST_SUITE_END()
