# Prints what a week at the camp site costs, month by month. The seasons are ranges in a YAML file, as Ruby 2 writes them.

require "yaml"

Season = Struct.new(:months, :cents)

def seasons(file)
  YAML.load(File.read(file)).map { |row| Season.new(row["months"], row["cents"]) } if File.exists?(file)
end

def price(month, from:, discount: 0)
  from.find { |season| season.months.cover?(month) }.cents * 7 * (100 - discount) / 100
end

terms = { from: seasons(File.join(__dir__, "seasons.yaml")), discount: 10 }
[1, 7, 12].each { |month| puts format("%02d %d", month, price(month, terms)) }
