#include <kusto/options.hpp>

#include <options/checks.hpp>
#include <options/connection_items.hpp>
#include <options/connection_settings.hpp>

namespace kusto
{

connection_options connection_options::from_connection_string(std::string_view text)
{
    using options::keyword;
    options::connection_settings const given(text);
    if (!given.has(keyword::data_source))
        options::refuse_connection_string("`Data Source` is missing: the URL of the cluster");
    connection_options made(given.text(keyword::data_source), options::credential_of(given));
    if (given.has(keyword::initial_catalog))
        made.default_database(given.text(keyword::initial_catalog));
    made.application_name(given.text(keyword::application_name))
        .application_version(given.text(keyword::application_version))
        .user_name(given.text(keyword::user_name))
        .client_version(given.text(keyword::client_version));
    return made;
}

std::string connection_options::describe() const
{
    auto text = "cluster " + options::shown_url(cluster_url_);
    if (!ingestion_url_.empty())
        text += ", ingestion " + options::shown_url(ingestion_url_);
    text += ", database " + options::shown_text(default_database_);
    text += ", " + who_.describe();
    if (!application_name_.empty())
        text += ", application " + options::shown_text(application_name_);
    if (!application_version_.empty())
        text += ", version " + options::shown_text(application_version_);
    return text;
}

} // namespace kusto
